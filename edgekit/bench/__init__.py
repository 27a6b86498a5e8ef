"""How fast is it, against what, and how sure is that?"""
