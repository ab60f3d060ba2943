// Tells the host that everything before this kernel in its queue has ended; the host polls the flag.
// SCOPE: a scope of memory that has the host in it.
__kernel void signal_end(__global atomic_int* flag, int run)
{
    atomic_store_explicit(flag, run, memory_order_release, SCOPE);
}
