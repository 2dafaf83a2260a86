"""What `serve` and `worker` share: when a job is due, how it is carried out and watched.

The job itself is a run in a process of its own, and is in `jobs.run` and `jobs.digest`.
"""
