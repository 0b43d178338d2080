/**
 * An id for a new process, unique among all nodes, ever. It begins with a seat, made of the address that only one living process has: whoever else had that is
 * dead. Without an address the seat is its own. Clients see the id, so it does not say the address.
 */
export const createNodeId = (address: string | undefined, newId: () => string): string => {
  const own = newId().slice(0, 8);
  return address === undefined ? own : `${Bun.hash(address).toString(36)}-${own}`;
};

export const seatOf = (nodeId: string): string => nodeId.split('-', 1)[0] ?? nodeId;
