/** What stands in the way of a goal that is not met: said by who looked at the profiles; no figures, those come from the runs. */
export const obstacles: Readonly<Record<string, string>> = {
  G7: 'A proxy on Bun that does nothing but `fetch` and answer costs about twice what nginx does: the request to the service is handed to a thread of its own and back, and both requests become objects. The rest is spread: the router, time limits and circuit of the way to the service, the headers of both directions, the session and its limit.',
  G8: 'Nearly all of it is the system call of each write. Frames that come for a socket in one turn of the event loop go out in one write; nginx passes on whatever bytes it has read, without looking for frames, and so writes less often.',
};
