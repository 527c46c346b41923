/* GCC 12's _tile_loadconfig tells the compiler that it reads 8 bytes of the 64 it is given, so the writing of the
   others may be optimised away before they are loaded, and the first use of a tile is an illegal instruction.
   This one says that it reads all 64. */
#ifdef __AMX_TILE__
#include <immintrin.h>

static inline void whole_tile_loadconfig(const void *config)
{
    __asm__ volatile("ldtilecfg %0" : : "m"(*(const char(*)[64])config));
}

#define _tile_loadconfig whole_tile_loadconfig
#endif
