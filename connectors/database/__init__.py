"""The ledger in SQL, in SQLite or PostgreSQL, with its migrations, and the queue of the workers.

Only this folder knows SQLAlchemy, Alembic and Procrastinate.
"""
