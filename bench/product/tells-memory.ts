// Preloaded into a service that is profiled: at SIGUSR2 it writes what its heap holds to MEMORY_FILE.
import { heapStats } from 'bun:jsc';
import { rename } from 'node:fs/promises';
import type { MemoryNote } from './memory-note.ts';

process.on('SIGUSR2', async () => {
  const file = process.env.MEMORY_FILE;
  if (file === undefined) return;
  Bun.gc(true);
  const { heapSize, extraMemorySize, objectTypeCounts } = heapStats();
  const note: MemoryNote = {
    resident: process.memoryUsage.rss(),
    heap: heapSize,
    external: extraMemorySize,
    objects: objectTypeCounts,
  };
  await Bun.write(`${file}.new`, JSON.stringify(note));
  // Whole or not at all: somebody waits for it.
  await rename(`${file}.new`, file);
});
