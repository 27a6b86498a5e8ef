"""The public face: what `import edgekit` offers, for notebooks and programs without a project file.

The steps of a project and the command line call exactly these functions. What is left out has the
value that a new project file has. Everything is checked where it comes in: what cannot be right is
one line, an `edgekit.errors.InputError`.
"""
