/** A noun with its article: `an order`. */
export const withArticle = (noun: string): string => `${articleOf(noun)} ${noun}`

export const articleOf = (noun: string): 'a' | 'an' => (/^[aeiou]/.test(noun) ? 'an' : 'a')
