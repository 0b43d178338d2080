import { counter, gauge } from '@chatapp/service/meters';
import type { Metrics } from '@chatapp/service/metrics';

/** What a node counts as it works. */
export const createNodeMeters = (metrics: Metrics) => ({
  published: counter(metrics, 'realtime_publishes_total', 'Frames handed to a topic, batches counted once'),
  filled: counter(metrics, 'realtime_holes_filled_total', 'Missing changes that had to be fetched'),
  frames: counter(metrics, 'realtime_frames_total', 'Frames received'),
  slowCut: counter(metrics, 'realtime_slow_sockets_cut_total', 'Sockets cut because they read too slowly'),
});

/** What a node shows of its state when it is asked. */
export const showNodeState = (
  metrics: Metrics,
  read: { readonly sockets: () => number; readonly conversations: () => number; readonly waiting: () => number },
): void => {
  gauge(metrics, 'realtime_sockets', 'Open sockets', read.sockets);
  gauge(metrics, 'realtime_conversations', 'Conversations served', read.conversations);
  gauge(metrics, 'realtime_commands_waiting', 'Commands that wait for their answer', read.waiting);
};
