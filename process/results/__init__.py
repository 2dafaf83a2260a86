"""What works: where deals go on and where they end, who is won, which texts are answered.

What the past says of deals that are still open is the matter of `prognosis`.
"""
