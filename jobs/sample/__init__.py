"""The sample pipeline of `fivestep demo`: its workbook, settings and texts."""
