"""Answers about what is printed: labels, tables, forms, receipts."""
