/** A short list as it is answered: in the shape of every list, all of it on one page. */
export const wholeList = (items: unknown[]) => ({
  total: items.length,
  items,
  page: 1,
  page_size: Math.max(items.length, 1),
  next_cursor: null,
})
