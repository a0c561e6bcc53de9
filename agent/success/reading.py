"""Placeholder: this file's content (Node, Reader, escape, shown, natural_key, read_date,
read_number) was overwritten by mistake at 03:55 by the signals room, which wrote a module under
the same name (now `moods.py`). Its author must write it again; nothing else was touched."""

raise ImportError("agent/success/reading.py must be written again by its author, see its docstring")
