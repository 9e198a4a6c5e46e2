"""Training and trying risk models at the command line; LightGBM and its kin are imported here."""
