"""A `.csv` file as a sheet: its encoding, its records, and writing that keeps every other byte."""
