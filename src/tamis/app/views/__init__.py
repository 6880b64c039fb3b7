"""The console's pages: each reads its request, asks a service, and fills a template."""
