import { createSignal } from 'solid-js';

const wide = matchMedia('(min-width: 1100px)');

/** Whether the members have room beside the messages; on other windows they lie over them. */
export const isBeside = (): boolean => wide.matches;

/** Whether the members are shown: from the start where they have room, else until they are closed. */
export const createMembersShown = () => {
  const [membersShown, showMembers] = createSignal(isBeside());
  wide.onchange = ({ matches }) => showMembers(matches);
  return { membersShown, showMembers };
};
