"""The REST API: each operation reads its request, asks a service, and answers JSON. A file a noun, as everywhere."""
