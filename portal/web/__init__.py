"""What every page shares: lists, forms, fragments, toasts, assets, times."""
