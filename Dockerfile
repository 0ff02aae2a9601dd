# The app in a container:
#
#   docker build --tag cnngru --build-arg TORCH_INDEX=ADDRESS .
#   docker run --publish 127.0.0.1:8501:8501 --volume cnngru:/data cnngru
#
# In a container everybody is a visitor (README, "What visitors may do"), you too: add --env CNNGRU_RUNS_A_PERSON=0 for
# a whole comparison at once, --env CNNGRU_FOLDERS=all to name folders that you mount, --env CNNGRU_VISITORS=start and
# the like when you publish it to others.
#
# ADDRESS is the package index of PyTorch's CPU builds, as pytorch.org's "Start locally" page names it for pip. Without
# it torch brings its CUDA libraries along: 5 GB more, of no use without a GPU.
FROM python:3.12-slim

ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1

RUN useradd --create-home --uid 1000 cnngru && install --directory --owner cnngru /data /data/runs /data/datasets
WORKDIR /app

COPY requirements.txt .
RUN python -m pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} --requirement requirements.txt

COPY --chown=cnngru . .
# The trained networks go where runs live; a volume that is new is filled with them, too.
RUN cp -r checkpoints/. /data/runs/ && chown -R cnngru /data

USER cnngru
ENV CNNGRU_CHECKPOINTS=/data/runs CNNGRU_DATA=/data/datasets
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "cnngru", "app", "--server.address", "0.0.0.0", "--server.headless", "true"]
