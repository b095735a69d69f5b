import type { Family } from './exposition.ts';

/** What a process costs, under the names that prom-client gives them; only those that are cheap to read. */
export function processFamilies(): readonly Family[] {
  const startSeconds = Date.now() / 1000 - process.uptime();
  return [
    one('process_cpu_user_seconds_total', 'User CPU time', () => process.cpuUsage().user / 1e6),
    one('process_cpu_system_seconds_total', 'System CPU time', () => process.cpuUsage().system / 1e6),
    one('process_start_time_seconds', 'Start of the process since the epoch', () => startSeconds),
    one('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss()),
    one('nodejs_heap_size_used_bytes', 'Used JavaScript heap', () => process.memoryUsage().heapUsed),
    one('nodejs_external_memory_bytes', 'Memory outside of the heap', () => process.memoryUsage().external),
  ];
}

function one(name: string, help: string, value: () => number): Family {
  return {
    name,
    help,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    read: () => [{ labels: {}, value: value() }],
  };
}
