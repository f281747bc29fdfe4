"""The settings' forms, each in the order of the route: the addresses, what is opened, the sections, their fields.

`addresses` has all views in one table, `sections` all forms; a form (`form`) is made of fields (`fields`, `several`,
`ordered`, `compound`), each of which stands for one place of the document that is being edited (`desk`).
"""
