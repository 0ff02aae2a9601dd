"""The network: encoder (picture -> row features), recurrent layers, classifier. Knows no files, runs or screens."""
