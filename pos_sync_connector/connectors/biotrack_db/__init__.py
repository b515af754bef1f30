"""Reading the PostgreSQL database of a BioTrack shop, one subject a file. Nothing in here writes to it."""
