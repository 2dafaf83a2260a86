"""How `fivestep init` reads an unknown sheet and proposes settings for it.

Which words a header may be is in `config.vocabulary`; here the columns' values and neighbours are weighed as well.
"""
