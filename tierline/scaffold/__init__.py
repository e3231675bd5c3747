"""What ``tierline new`` writes: a source or a KPI that works, to be turned into the real one."""
