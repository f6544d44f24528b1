/* SPDX-License-Identifier: MIT */
#include "math/bfgs.h"
#include "math/rows.h"
#include <math.h>
#include <string.h>

#define SHORTER 26 /* times: down to rounding */
#define IDLE 4     /* steps in a row that gain nothing, as at the edge of a jump */

typedef struct search {
    int64_t n;
    hw3i_objective f;
    void *arg;
    double *H, *g, *step, *x_new, *g_new, *Hy; /* H: inverse of the Hessian */
    hw3i_minimum at;
} search;

static void identity(int64_t n, double scale, double *H)
{
    memset(H, 0, (size_t)(n * n) * sizeof *H);
    for (int64_t i = 0; i < n; i++) H[i * n + i] = scale;
}

static double evaluate(search *s, const double *x, double *g)
{
    double value = s->f(s->arg, x, g);
    s->at.n_evaluations++;
    for (int64_t i = 0; i < s->n && isfinite(value); i++)
        if (!isfinite(g[i])) return INFINITY;
    return isnan(value) ? INFINITY : value;
}

static double try_step(search *s, const double *x, double t)
{
    for (int64_t k = 0; k < s->n; k++) s->x_new[k] = x[k] + t * s->step[k];
    return evaluate(s, s->x_new, s->g_new);
}

/* Shortens the step until the value falls by a ten-thousandth of what the slope promises. A whole step at whose end the slope
 * is as steep as at its beginning is too short: where the curvature is negative H learns nothing, so it grows. */
static double line_search(search *s, const double *x, double slope, double *value)
{
    double t = 1;
    for (int i = 0; i < SHORTER; i++, t *= 0.2) {
        *value = try_step(s, x, t);
        if (*value <= s->at.value + 1e-4 * t * slope) break;
        if (i == SHORTER - 1) return 0;
    }
    for (int i = 0; i < 20 && t >= 1 && hw3i_dot(s->n, s->g_new, s->step) <= 0.9 * slope; i++) {
        double further = try_step(s, x, 4 * t);
        if (!(further < *value)) {
            *value = try_step(s, x, t);
            break;
        }
        *value = further;
        t *= 4;
    }
    return t;
}

/* H += (1 + y'Hy / s'y) s s' / s'y - (H y s' + s y'H) / s'y, with s the step taken and y the change of the gradient. */
static void update(search *s, double t)
{
    const int64_t n = s->n;
    double *y = s->g; /* the old gradient is not needed any more */
    for (int64_t i = 0; i < n; i++) y[i] = s->g_new[i] - s->g[i], s->step[i] *= t;
    double sy = hw3i_dot(n, s->step, y), yy = hw3i_dot(n, y, y);
    if (!(sy > 1e-12 * sqrt(yy * hw3i_dot(n, s->step, s->step)))) return;
    for (int64_t i = 0; i < n; i++) s->Hy[i] = hw3i_dot(n, s->H + i * n, y);
    double scale = (1 + hw3i_dot(n, y, s->Hy) / sy) / sy;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            s->H[i * n + j] += scale * s->step[i] * s->step[j] - (s->Hy[i] * s->step[j] + s->step[i] * s->Hy[j]) / sy;
}

/* step = -H g; its slope, which is negative. */
static double direction(search *s)
{
    for (int64_t i = 0; i < s->n; i++) s->step[i] = -hw3i_dot(s->n, s->H + i * s->n, s->g);
    return hw3i_dot(s->n, s->step, s->g);
}

hw3i_minimum hw3i_bfgs(int64_t n, double *x, hw3i_objective f, void *arg, double tolerance, int max_iterations, double *scratch)
{
    search s = { .n = n, .f = f, .arg = arg, .H = scratch, .g = scratch + n * n };
    s.step = s.g + n, s.x_new = s.step + n, s.g_new = s.x_new + n, s.Hy = s.g_new + n;
    identity(n, 1, s.H);
    s.at.value = evaluate(&s, x, s.g);
    bool fresh = true; /* H is the identity: a failed search has nothing else to try */
    int idle = 0;
    while (isfinite(s.at.value) && s.at.n_iterations < max_iterations) {
        double slope = direction(&s), value;
        if (!(slope < 0) && !fresh) {
            identity(n, 1, s.H), fresh = true;
            continue;
        }
        s.at.converged = -slope / 2 <= (fresh ? 1e-4 : 1) * tolerance; /* the identity knows nothing of the curvature */
        if (s.at.converged) break;
        double t = line_search(&s, x, slope, &value);
        if (t == 0 && fresh) {
            s.at.converged = -slope / 2 <= 1e4 * tolerance; /* the rounding of the value hides what is left */
            break;
        }
        if (t == 0) {
            s.at.converged = -slope / 2 <= 1e2 * tolerance;
            if (s.at.converged) break;
            identity(n, 1, s.H), fresh = true;
            continue;
        }
        s.at.n_iterations++;
        update(&s, t);
        fresh = false;
        memcpy(x, s.x_new, (size_t)n * sizeof *x);
        memcpy(s.g, s.g_new, (size_t)n * sizeof *x);
        idle = s.at.value - value <= tolerance ? idle + 1 : 0;
        s.at.value = value;
        s.at.converged = idle == IDLE;
        if (s.at.converged) break;
    }
    return s.at;
}
