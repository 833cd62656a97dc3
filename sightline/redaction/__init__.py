"""What is covered in pictures, and in the texts of pages, before they go to another server."""
