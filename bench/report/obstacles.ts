const smallRooms =
  'Half of the time of a realtime node is the kernel’s, nearly all of it one write for each delivery: a member of a small room sees one message at a time, so there is nothing to put together, and the sender’s answer goes out with its message already. The bare bridge, which checks nothing, costs both nodes as much as ours do with the checks: that alone is most of what the goal leaves. Most of the other half is native code of the runtime (its loop over sockets, texts that become bytes and back, the allocator’s thread that gives memory back to the system); our own code is a small part, spread over the frame’s checks, the command, the routing of a publish and the answer, none of it much dearer than the others. The rest of the cost is, in about equal parts, the statement in the database and the process that saves. The statement uses a generic plan, so nothing is planned; of each row it pays for two indexes, the head, the marker, the looks for a repeat and for a lost right, and the reading of ids as text. Batches are hundreds of rows here, so more batching gains little; what is left is user-space work on each message.';

const steadyRate =
  'At a steady rate a batch holds five or six messages, because it may wait for five milliseconds at most, so what a batch costs is shared by few. The process that saves makes three writes a batch, a read of all streams at once, one statement that is its own transaction and one for all publishes, and wakes up for three answers and a timer: there is nothing left to join. In the database most of a batch of this size is the beginning and the end of the statement and the flush of the log to the disk, not its rows; a plan a batch would cost half as much again, and is not made. A realtime node is woken by each frame, by each answer of Redis and by each publish, for a handful of deliveries every time, on a core that other processes have just used. Holding commands back for two more milliseconds, so that several go to Redis in one write, was tried: the writes that it saves are few beside those of the deliveries, and no difference could be seen. Socket.IO has one hop through Redis. More in a batch of the writer is more latency, and that has a goal of its own.';

const connects =
  'Socket.IO checks nobody. Most of our cost is a realtime node’s: its writes to a new socket (the upgrade, the greeting, the answer of the resume, who else is here), and its writes to Redis, which takes the ticket, counts the person’s sockets on all nodes and tells every node of the person. What many handshakes ask at the same moment goes together, but at the rate of the measurement a moment holds a handful.';

const manyNodes =
  'In rooms of five most changes have somebody on each node, and every node hears all of them: what a node does for a change, not for a delivery, is done once a node. All of them share one core here.';

/** What stands in the way of a goal that is not met: said by who looked at the profiles; no figures, those come from the runs. */
export const obstacles: Readonly<Record<string, string>> = {
  G1: smallRooms,
  'G1-insert': smallRooms,
  G3: smallRooms,
  G4: steadyRate,
  'G4-insert': steadyRate,
  'G4-p50': steadyRate,
  'G4-p99': steadyRate,
  'G5-ratio':
    'A third of it is the heap’s: the live objects of a socket and its person (connection, session, person, memberships, access, who is here, the remembered token). The rest is what the runtime, its loop and the allocator keep of a socket and of its handshake.',
  G6: connects,
  'G9-drizzle':
    'Inserts of rows that were made before look for nothing: ours read the heads that they guard, give each message its place, move the sender’s marker, and refuse repeats and lost rights in the same statement.',
  G10: 'pgbench reads the rows and drops them. Here they become texts (a third of the process’s time, in the driver: a string for each column of each row), a checked answer, JSON, and the bytes of a response, in a process with one thread; the rest is the framework’s and the writes of the question and the answer.',
  G12: manyNodes,
  'G12-4': manyNodes,
  'G13-scroll':
    'Most of a long frame is the browser’s own work on the page’s main thread, which the slow-down makes four times longer: layout and style, then what leads from there to a committed frame (positions, paint records, layers). Script, which makes the rows, is about a quarter. Turning paint records into pixels, in software here, happens on other threads; it does not make the main thread’s frames long, but it wants a core while services and database of the same product want them too.',
};
