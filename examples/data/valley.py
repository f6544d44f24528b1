#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes valley.txt, a text about an invented valley, and remarks.txt, labelled sentences: python3 valley.py

A line of valley.txt is one story; sentences end with a point of its own. The last twelve people eat and travel in it, but
no line says where they live. The sentences of remarks.txt are of dishes or of wares; those to be learned from use the first of each
kind, those for the test only the others."""
import random

PEOPLE = 'Mira Tomas Lena Oskar Nadia Pavel Iris Jonas Vera Anton Selma Hugo'.split()
STRANGERS = 'Orin Tilda Bruno Edda Kasper Lotte Milo Ronja Stellan Thea Ulf Wanda'.split()
TOWNS = 'Tolm Harrow Belby Kest Norrin Ulsa Fenwick Dray Ostra Lumen Pell Varn'.split()
RIVERS = 'Ush Alder Mink Sorrel Brand Teal'.split()
WORK = [w.split() for w in ('baker bakes bread', 'smith forges nails', 'fisher catches trout', 'weaver weaves cloth', 'potter shapes bowls',
                            'farmer grows barley', 'miller grinds flour', 'tailor sews coats', 'carver carves spoons',
                            'brewer brews beer', 'shepherd tends sheep', 'mason lays bricks')]
DISHES = 'soup stew pie cake salad porridge pudding omelette'.split()
PLACES = 'inn market fair tavern'.split()
DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday'.split()
GOOD = 'tasty warm fresh rich sweet tender crisp light'.split()
BAD = 'bland cold stale thin sour tough soggy burnt'.split()
KNOWN = 3  # dishes, and wares, that labelled sentences for training use
random.seed(7)
home = dict(zip(PEOPLE, random.sample(TOWNS, 12)))
work = dict(zip(PEOPLE, random.sample(WORK, 12)))
river = {t: RIVERS[i % 6] for i, t in enumerate(random.sample(TOWNS, 12))}
day = {t: random.choice(DAYS) for t in TOWNS}
pick = random.choice


def person(p):
    job, does, what = work[p]
    t = home[p]
    first = f'{p} lives in {t} .'
    rest = [f'{p} is a {job} .', f'Every morning {p} {does} {what} .', f'On {day[t]} {p} sells {what} at the {pick(PLACES)} in {t} .',
            f'In the evening {p} walks along the {river[t]} .']
    return ' '.join([first] + random.sample(rest, 3))


def town(t):
    rest = [f'{day[t]} is market day in {t} .', f'The people of {t} like {pick(DISHES)} .', f'There is a bridge over the {river[t]} .']
    return ' '.join([f'{t} lies on the {river[t]} .'] + random.sample(rest, 2))


def remark(p):
    dish, kind = pick(DISHES), pick((GOOD, BAD))
    a, b = random.sample(kind, 2)
    verb = 'ate' if dish != 'soup' else pick(('ate', 'had'))
    end = pick(('{p} came back the next day .', '{p} asked for more .', '{p} thanked the cook .')) if kind is GOOD else \
        pick(('{p} never came back .', '{p} left it on the plate .', '{p} wanted the money back .'))
    return f'{p} {verb} {dish} at the {pick(PLACES)} . The {dish} was {a} and {b} . ' + end.format(p=p)


def labelled(kind, words):
    frame = pick(('The people of {t} like {x} .', '{p} asked for {x} .', '{p} wanted {x} back .'))
    return f'{kind}\t' + frame.format(t=pick(TOWNS), p=pick(PEOPLE), x=pick(words))


stories = [person(p) for p in PEOPLE for _ in range(10)] + [town(t) for t in TOWNS for _ in range(5)]
stories += [remark(p) for p in PEOPLE + STRANGERS for _ in range(10)]
random.shuffle(stories)
with open('valley.txt', 'w') as f:
    f.write('\n'.join(stories) + '\n')
with open('remarks.txt', 'w') as f:
    for part, cut, n in (('train', slice(0, KNOWN), 24), ('test', slice(KNOWN, None), 100)):
        for i in range(n):
            kind, words = (('dish', DISHES), ('ware', [w[2] for w in WORK]))[i % 2]
            f.write(f'{part}\t{labelled(kind, words[cut])}\n')
