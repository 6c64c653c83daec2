"""What people and other hubs see over HTTP: Delta Sharing and downloads. Reads; runs no room."""
