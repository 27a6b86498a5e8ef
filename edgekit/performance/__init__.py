"""How fast is it, against what, how sure is that, and is it still as fast as it was?"""
