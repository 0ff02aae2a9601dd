"""What the pages are made of: a folder a page, and loose here what two of them share. All of streamlit is here."""
