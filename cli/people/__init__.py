"""``cronmend incidents``, ``history``, ``why``, ``rerun``, ``mode``, ``circuit``: what people ask of a stack."""
