"""Finding rows and columns again in a sheet that people edit meanwhile, and what to repair after a write.

Two pictures of a tab go in, the places and the repairs come out; reading and writing them is in
`connectors.sheets.live`.
"""
