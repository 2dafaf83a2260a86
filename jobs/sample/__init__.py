"""The sample pipeline of `fivestep demo`: its workbook, settings, texts, and its past."""
