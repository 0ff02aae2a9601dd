"""Pictures from bytes to what the network sees.

from cnngru.pictures import read_picture
picture = read_picture(Path("cat.jpg"))     # picture.image: (32, 32, 3) uint8; picture.tensor: (3, 32, 32)
"""

from cnngru.pictures.kinds import KINDS
from cnngru.pictures.picture import Picture, read_picture
from cnngru.pictures.read import PictureError

__all__ = ["KINDS", "Picture", "PictureError", "read_picture"]
