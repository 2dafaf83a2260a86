"""The nouns: table, deal, sales process, history, plan.

Plain types that everything else speaks in; they import nothing and decide nothing.
"""
