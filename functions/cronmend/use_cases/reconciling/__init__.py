"""Parts of ``reconcile`` that find what never happened."""
