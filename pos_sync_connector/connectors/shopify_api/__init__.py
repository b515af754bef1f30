"""Shopify's Admin API, one subject a module."""
