"""How words are compared, spelt, shown and cut, and how text becomes HTML.

Which words there are is in `config.vocabulary`.
"""
