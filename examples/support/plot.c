/* SPDX-License-Identifier: MIT */
#include "plot.h"
#include "dates.h"
#include "folder.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH = 1200, NO_GNUPLOT = 127 }; /* a folder and a name */

int plots_begin(plots *p, const char *dir)
{
    *p = (plots){ .dir = dir };
    return folder_make(dir);
}

static FILE *open_file(plots *p, const char *name, const char *suffix)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s%s", p->dir, name, suffix);
    FILE *file = fopen(path, "w");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        p->failed = 1;
    }
    return file;
}

static void close_file(plots *p, FILE *file)
{
    int bad = ferror(file);
    if (!fclose(file) && !bad) return;
    fprintf(stderr, "%s: a file could not be written: %s\n", p->dir, strerror(errno));
    p->failed = 1;
}

/* Runs gnuplot on a script within the folder, without a shell, so that no character of a name matters. */
static void run_gnuplot(plots *p, const char *script)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (chdir(p->dir)) _exit(1);
        execlp("gnuplot", "gnuplot", script, (char *)NULL);
        _exit(errno == ENOENT ? NO_GNUPLOT : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0) return;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) p->n_png++;
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != NO_GNUPLOT)
        fprintf(stderr, "gnuplot failed on %s/%s\n", p->dir, script);
}

/* Text between single quotes, where gnuplot wants each of its own written twice. */
static void quote(FILE *gp, const char *text)
{
    fputc('\'', gp);
    for (; *text; text++) fprintf(gp, *text == '\'' ? "''" : "%c", *text);
    fputc('\'', gp);
}

static FILE *begin_script(plots *p, const char *name, int height)
{
    FILE *gp = open_file(p, name, ".gp");
    if (!gp) return NULL;
    const char *look = "size 1400,%d noenhanced font 'Sans,14'";
    fputs("if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) {\n    set terminal pngcairo ", gp);
    fprintf(gp, look, height);
    fputs("\n} else {\n    set terminal png ", gp);
    fprintf(gp, look, height);
    fprintf(gp, "\n}\nset output '%s.png'\nset datafile missing 'NaN'\n", name);
    fputs("set grid back lt 1 lc rgb '#e0e0e0'\nset border 3\nset tics nomirror\nset rmargin 6\n", gp);
    return gp;
}

static void label(FILE *gp, const char *what, const char *text)
{
    fprintf(gp, "set %s ", what);
    quote(gp, text);
    fputc('\n', gp);
}

static void date_axis(FILE *gp, const plot *w)
{
    char from[16], to[16];
    fprintf(gp, "set xdata time\nset timefmt '%%Y-%%m-%%d'\nset format x '%%Y-%%m'\n");
    if (w->n < 2) return;
    fprintf(gp, "set xrange ['%s':'%s']\n", date_format(w->days[0], from), date_format(w->days[w->n - 1], to));
}

static const char *const colours[] = { "#202020", "#d1495b", "#00798c", "#edae49", "#6a4c93", "#66a182" };

/* The command that draws the lines from one part of a data file. */
static void write_plot(FILE *gp, const plot *w, const char *file, int part)
{
    fputs("plot ", gp);
    for (int j = 0, look = -1; j < w->n_lines; j++) {
        if (w->lines[j].label) look++;
        fprintf(gp, "%s'%s.dat' index %d using 1:%d with %s ", j ? ", \\\n     " : "", file, part, j + 2,
                j >= w->n_lines - w->n_points ? "points pt 7 ps 0.6" : "lines");
        fprintf(gp, "lw %s lc rgb '%s' %s", j ? "1.8" : "2.4", colours[look % 6], w->lines[j].label ? "title " : "notitle");
        if (w->lines[j].label) quote(gp, w->lines[j].label);
    }
}

static void write_labels(FILE *gp, const plot *w)
{
    label(gp, "title", w->title);
    label(gp, "xlabel", w->x_label);
    label(gp, "ylabel", w->y_label);
}

static void write_script(FILE *gp, const plot *w)
{
    write_labels(gp, w);
    if (w->days) date_axis(gp, w);
    if (w->log_x) fprintf(gp, "set logscale x %d\n", w->log_x);
    if (w->y_from_zero) fputs("set yrange [0:]\n", gp);
    if (w->log_y) fputs("set logscale y\nset format y '%g'\n", gp);
    fputs("set key outside top right horizontal width 2\n", gp);
    if (w->below.y) fputs("set lmargin 12\nset multiplot layout 2,1\nset xlabel\n", gp);
    write_plot(gp, w, w->name, 0);
    if (w->below.y) {
        fputs("\nset title\n", gp);
        label(gp, "xlabel", w->x_label);
        label(gp, "ylabel", w->below.label);
        fprintf(gp, "set xzeroaxis lc rgb '#202020'\nplot '%s.dat' using 1:%d with impulses ", w->name, w->n_lines + 2);
        fprintf(gp, "lc rgb '%s' notitle\nunset multiplot", colours[2]);
    }
    fputc('\n', gp);
}

static void write_data(FILE *dat, const plot *w)
{
    char date[16];
    fprintf(dat, "# %s", w->days ? "date" : "x");
    for (int j = 0; j < w->n_lines; j++) fprintf(dat, "\t%s", w->lines[j].label ? w->lines[j].label : "(other end)");
    fprintf(dat, "%s%s\n", w->below.y ? "\t" : "", w->below.y ? w->below.label : "");
    for (int64_t i = 0; i < w->n; i++) {
        if (w->days) fputs(date_format(w->days[i], date), dat);
        else if (w->x) fprintf(dat, "%.9g", w->x[i]);
        else fprintf(dat, "%lld", (long long)i + 1);
        for (int j = 0; j < w->n_lines + (w->below.y != NULL); j++) {
            double y = j < w->n_lines ? w->lines[j].y[i] : w->below.y[i];
            if (isnan(y)) fputs("\tNaN", dat); /* printf may write -nan */
            else fprintf(dat, "\t%.9g", y);
        }
        fputc('\n', dat);
    }
}

static void draw(plots *p, const char *name)
{
    char script[256];
    snprintf(script, sizeof script, "%s.gp", name);
    p->n++;
    if (!p->failed) run_gnuplot(p, script);
}

void plots_lines(plots *p, const plot *what)
{
    FILE *dat = open_file(p, what->name, ".dat");
    if (!dat) return;
    write_data(dat, what);
    close_file(p, dat);
    FILE *gp = begin_script(p, what->name, what->below.y ? 900 : 700);
    if (!gp) return;
    write_script(gp, what);
    close_file(p, gp);
    draw(p, what->name);
}

void plots_panels(plots *p, const char *name, const plot *panels, int n_panels)
{
    FILE *dat = open_file(p, name, ".dat");
    if (!dat) return;
    for (int k = 0; k < n_panels; k++) {
        if (k) fputs("\n\n", dat); /* what gnuplot calls the next index */
        write_data(dat, &panels[k]);
    }
    close_file(p, dat);
    FILE *gp = begin_script(p, name, 500 * n_panels);
    if (!gp) return;
    fprintf(gp, "set lmargin 12\nset key outside top right horizontal width 2\nset xrange [0:*]\nset multiplot layout %d,1\n", n_panels);
    for (int k = 0; k < n_panels; k++) {
        write_labels(gp, &panels[k]);
        write_plot(gp, &panels[k], name, k);
        fputc('\n', gp);
    }
    fputs("unset multiplot\n", gp);
    close_file(p, gp);
    draw(p, name);
}

void plots_histogram(plots *p, const char *name, const char *title, const char *x_label, const double *y, int64_t n, int n_bins)
{
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        low = y[i] < low ? y[i] : low;
        high = y[i] > high ? y[i] : high;
    }
    double width = high > low ? (high - low) / n_bins : 1;
    FILE *dat = open_file(p, name, ".dat");
    if (!dat) return;
    fprintf(dat, "# middle of the bin\tcount\n");
    for (int b = 0; b < n_bins; b++) {
        int64_t count = 0;
        for (int64_t i = 0; i < n; i++) {
            int at = isnan(y[i]) ? -1 : (int)((y[i] - low) / width);
            count += (at < n_bins ? at : n_bins - 1) == b; /* the greatest value belongs to the last bin */
        }
        fprintf(dat, "%.9g\t%lld\n", low + (b + 0.5) * width, (long long)count);
    }
    close_file(p, dat);
    FILE *gp = begin_script(p, name, 700);
    if (!gp) return;
    label(gp, "title", title);
    label(gp, "xlabel", x_label);
    label(gp, "ylabel", "days");
    fprintf(gp, "set boxwidth %.9g\nset style fill solid 0.8 border rgb 'white'\nset yrange [0:]\n", width);
    fprintf(gp, "plot '%s.dat' using 1:2 with boxes lc rgb '#00798c' notitle, \\\n", name);
    fprintf(gp, "     '' using 1:2:($2 > 0 ? sprintf('%%d', $2) : '') with labels offset 0,0.6 notitle\n");
    close_file(p, gp);
    draw(p, name);
}

void plots_correlations(plots *p, const char *name, const char *title, const double *acf, const double *pacf, int64_t n_lags,
                        double band)
{
    static const char *const panels[] = { "ACF", "PACF" };
    FILE *dat = open_file(p, name, ".dat");
    if (!dat) return;
    fprintf(dat, "# lag\tACF\tPACF\n");
    for (int64_t k = 0; k < n_lags; k++) fprintf(dat, "%lld\t%.9g\t%.9g\n", (long long)k + 1, acf[k], pacf[k]);
    close_file(p, dat);
    FILE *gp = begin_script(p, name, 900);
    if (!gp) return;
    fprintf(gp, "set lmargin 12\nset xrange [0:%lld]\nset xzeroaxis lc rgb '#202020'\nset key outside top right horizontal\n"
                "set multiplot layout 2,1\n", (long long)n_lags + 1);
    label(gp, "title", title);
    for (int k = 0; k < 2; k++) {
        label(gp, "ylabel", panels[k]);
        if (k) fputs("unset title\nset xlabel 'lag'\n", gp);
        fprintf(gp, "plot '%s.dat' using 1:%d with impulses lw 5 lc rgb '#00798c' notitle, \\\n", name, k + 2);
        fprintf(gp, "     %.9g with lines dt 2 lc rgb '#d1495b' %s, \\\n", band,
                k ? "notitle" : "title '95 % band of white noise'");
        fprintf(gp, "     %.9g with lines dt 2 lc rgb '#d1495b' notitle\n", -band);
    }
    fputs("unset multiplot\n", gp);
    close_file(p, gp);
    draw(p, name);
}

static int zero_block(const plot_matrix *w, int row, int column)
{
    for (int i = 0; i < w->block * w->block; i++)
        if (w->a[(row + i / w->block) * w->n + column + i % w->block] != 0) return 0;
    return 1;
}

/* Lines between blocks, and their numbers along both axes. */
static void rule_blocks(FILE *gp, const plot_matrix *w)
{
    const double end = w->n - 0.5;
    for (int k = w->block; k < w->n; k += w->block) {
        fprintf(gp, "set arrow from %g,-0.5 to %g,%g nohead front lw 1 lc rgb '#606060'\n", k - 0.5, k - 0.5, end);
        fprintf(gp, "set arrow from -0.5,%g to %g,%g nohead front lw 1 lc rgb '#606060'\n", k - 0.5, end, k - 0.5);
    }
    for (const char *axis = "xy"; *axis; axis++) {
        fprintf(gp, "set %ctics (", *axis);
        for (int k = 0; k < w->n / w->block; k++) {
            fputs(k ? ", " : "", gp);
            if (w->labels) quote(gp, w->labels[k]);
            else fprintf(gp, "'%d'", w->first + k);
            fprintf(gp, " %g", (k + 0.5) * w->block - 0.5);
        }
        fputs(")\n", gp);
    }
}

static void mark_blocks(FILE *gp, const plot_matrix *w)
{
    for (int i = 0; i < w->n; i += w->block)
        for (int j = 0; j < w->n; j += w->block) {
            const double middle = 0.5 * (w->block - 1);
            if (w->crosses) fprintf(gp, "set label '' at %g,%g point pt 1 ps 2 lw 2 front\n", j + middle, i + middle);
            else if (zero_block(w, i, j))
                fprintf(gp, "set object rectangle from %g,%g to %g,%g front fc rgb '#d8d8d8' fs solid noborder\n", j - 0.5, i - 0.5,
                        j + w->block - 0.5, i + w->block - 0.5);
        }
}

void plots_matrix(plots *p, const plot_matrix *w)
{
    double most = 0, least = 0;
    FILE *dat = open_file(p, w->name, ".dat");
    if (!dat) return;
    for (int i = 0; i < w->n * w->n; i++) {
        most = fmax(most, fabs(w->a[i])), least = fmin(least, w->a[i]);
        fprintf(dat, "%.9g%c", w->a[i], (i + 1) % w->n ? '\t' : '\n');
    }
    close_file(p, dat);
    FILE *gp = begin_script(p, w->name, 1100);
    if (!gp) return;
    label(gp, "title", w->title);
    label(gp, "xlabel", w->x_label);
    label(gp, "ylabel", w->y_label);
    fprintf(gp, "unset grid\nset size ratio -1\nset border 15 lw 2\nset tics scale 0\n");
    fprintf(gp, "set xrange [-0.5:%g]\nset yrange [%g:-0.5]\n", w->n - 0.5, w->n - 0.5);
    fprintf(gp, "set cbtics format '%%.2g'\nset cbrange [%.9g:%.9g]\nset palette defined (", least < 0 ? -most : 0, most);
    fprintf(gp, "%s0 'white', 0.3 '#e58f9a', 1 '#8f1d2c')\n", least < 0 ? "-1 '#003b52', -0.3 '#4d9bb5', " : ""); /* small ones show */
    mark_blocks(gp, w);
    rule_blocks(gp, w);
    fprintf(gp, "plot '%s.dat' matrix with image notitle\n", w->name);
    close_file(p, gp);
    draw(p, w->name);
}

int plots_end(plots *p)
{
    if (p->failed) return -1;
    if (p->n_png == p->n) printf("%d plot%s in %s/ (*.png).\n", p->n, p->n == 1 ? " is" : "s are", p->dir);
    else printf("gnuplot drew %d of %d plots. The data and scripts of all are in %s/: ", p->n_png, p->n, p->dir);
    if (p->n_png < p->n) printf("with gnuplot installed, run `gnuplot *.gp` there.\n");
    return 0;
}
