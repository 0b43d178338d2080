const paths = {
  plus: 'M10 4.5v11M4.5 10h11',
  up: 'M10 16V4.5M5 9.2 10 4.2l5 5',
  down: 'M10 4v11.5M5 10.8l5 5 5-5',
  back: 'M12.2 4.5 6.8 10l5.4 5.5',
  close: 'm5.5 5.5 9 9m0-9-9 9',
  check: 'm4.5 10.5 3.6 3.6 7.4-8',
  smile: 'M10 17.2a7.2 7.2 0 1 0 0-14.4 7.2 7.2 0 0 0 0 14.4M7 11.6a3.7 3.7 0 0 0 6 0M7.6 8v.1M12.4 8v.1',
  reply: 'M8 5 4 9l4 4M4.4 9h7.1a4.5 4.5 0 0 1 4.5 4.5V15',
  edit: 'm4 16 .7-3.4 8.6-8.6a1.5 1.5 0 0 1 2.1 0l.6.6a1.5 1.5 0 0 1 0 2.1l-8.6 8.6zM11.8 5.5l2.7 2.7',
  trash: 'M4.5 6h11M8 6V4.2h4V6M6 6l.7 9.8h6.6L14 6M8.7 8.8l.2 4.5M11.3 8.8l-.2 4.5',
  more: 'M5 10v.1M10 10v.1M15 10v.1',
  people:
    'M7.5 9.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4M2.6 16a5 5 0 0 1 9.8 0M12.6 4.4a2.6 2.6 0 0 1 0 4.9M14.4 11.8a5 5 0 0 1 3 4.2',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11m4-1.5 3.5 3.5',
  leave: 'M8 4H5.2A1.2 1.2 0 0 0 4 5.2v9.6A1.2 1.2 0 0 0 5.2 16H8M12.5 6.5 16 10l-3.5 3.5M8.5 10H16',
  keys: 'M3.5 5.5h13v9h-13zM6 8.5v.1M9 8.5v.1M12 8.5v.1M14.5 8.5v.1M7 11.5h6',
} as const;

export type IconName = keyof typeof paths;

/** A line drawing of 20 by 20; the control around it carries the name. */
export const Icon = (props: { name: IconName }) => (
  <svg class="icon" data-icon={props.name} viewBox="0 0 20 20" aria-hidden="true">
    <path d={paths[props.name]} />
  </svg>
);
