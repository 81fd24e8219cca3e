;; SPDX-License-Identifier: MIT OR Apache-2.0
;; SPDX-FileCopyrightText: 2026 The gccolor authors
;;
;; A Guile program that allocates 200 MiB, most of it garbage at once, and then
;; says where its heap lies. It knows nothing of gccolor except one variable
;; that `gccolor run` sets, GCCOLOR_RUN_REGION=0xSTART-0xEND, and runs without.
;;
;;   guile --no-auto-compile guile-gc.scm
;;   gccolor run --report -- guile --no-auto-compile guile-gc.scm
;;
;; How the share is measured: the collector itself is asked. (gc-stats) gives the
;; heap's size and libgc's GC_dump() names every section of it, from and to; the
;; two have to agree, free blocks included. Each section is then cut with the
;; region. In addition the address of every object that the program still keeps,
;; first and last byte, is looked at one by one. Nothing is taken from gccolor's
;; own count.

(use-modules (system foreign) (ice-9 format) (ice-9 rdelim) (ice-9 regex))

(define MiB 1048576)
(define word (sizeof '*))

;; The work: vectors through a rolling window, each with some pairs behind it.

(define length-of-one 16383)		; with its header 128 KiB
(define rounds (/ (* 200 MiB) (* 128 1024)))
(define window 192)			; 24 MiB stay alive

(define (next seed)			; a linear congruential generator
  (modulo (+ (* seed 1103515245) 12345) 2147483648))

(define (fill! v seed)
  (let loop ((i 0) (seed seed))
    (if (< i length-of-one)
        (let ((s (next seed)))
          (vector-set! v i (list s i))
          (loop (+ i 512) s))
        v)))

(define (sum v total)
  (let loop ((i 0) (total total))
    (if (< i length-of-one)
        (let ((x (vector-ref v i)))
          (loop (+ i 512)
                (modulo (+ (* total 31) (car x) (cadr x)) 4294967291)))
        total)))

(define kept (make-vector window #f))

(define (work)
  (let loop ((n 0) (total 1))
    (if (= n rounds)
        total
        (let* ((slot (modulo n window))
               (old (vector-ref kept slot)))
          (vector-set! kept slot (fill! (make-vector length-of-one n) (+ n 7)))
          (loop (+ n 1) (if old (sum old total) total))))))

;; What is still in the window counts too.
(define (finish total)
  (let loop ((i 0) (total total))
    (if (= i window)
        total
        (loop (+ i 1) (sum (vector-ref kept i) total)))))

;; The region, or #f.

(define region
  (let ((m (string-match "^0x([0-9a-f]+)-0x([0-9a-f]+)$"
                         (or (getenv "GCCOLOR_RUN_REGION") ""))))
    (and m (cons (string->number (match:substring m 1) 16)
                 (string->number (match:substring m 2) 16)))))

(define (bytes-inside from to)
  (if region
      (max 0 (- (min to (cdr region)) (max from (car region))))
      0))

;; The sections of the collector's heap, as it prints them itself.

(define (heap-sections)
  (let* ((file (tmpfile))
         (out (dup 1)))
    (force-output)
    (dup2 (fileno file) 1)
    ((pointer->procedure void (dynamic-func "GC_dump" (dynamic-link)) '()))
    (dup2 out 1)
    (close-fdes out)
    (seek file 0 SEEK_SET)
    (let loop ((line (read-line file)) (sections '()))
      (if (eof-object? line)
          sections
          (let ((m (string-match "^Section [0-9]+ from 0x([0-9a-f]+) to 0x([0-9a-f]+) "
                                 line)))
            (loop (read-line file)
                  (if m
                      (cons (cons (string->number (match:substring m 1) 16)
                                  (string->number (match:substring m 2) 16))
                            sections)
                      sections)))))))

;; Objects with a byte outside of the region, of the vectors that are kept.

(define (strays)
  (let loop ((i 0) (n 0))
    (if (= i window)
        n
        (let ((from (object-address (vector-ref kept i)))
              (size (* word (+ 1 length-of-one))))
          (loop (+ i 1)
                (if (= (bytes-inside from (+ from size)) size) n (+ n 1)))))))

(define result (finish (work)))
(define heap-size (assq-ref (gc-stats) 'heap-size))
(define sections (heap-sections))
(define listed (apply + (map (lambda (s) (- (cdr s) (car s))) sections)))
(define inside (apply + (map (lambda (s) (bytes-inside (car s) (cdr s))) sections)))

(define (in-mib n) (/ (round (* 10. (/ n MiB))) 10))

;; A word on the command line says which run this is.
(define label (if (pair? (cdr (command-line))) (cadr (command-line)) "guile"))

(format #t "~6a result ~a; " label result)
(format #t "heap ~a MiB by gc-stats in ~a sections, in the region ~a MiB = ~a %;\n"
        (in-mib heap-size) (length sections) (in-mib inside)
        (/ (floor (/ (* 1000. inside) listed)) 10))
(format #t "       objects that are kept: ~a, outside of the region: ~a\n" window (strays))
(if (< listed heap-size)
    (begin
      (format #t "the sections do not add up: ~a of ~a bytes\n" listed heap-size)
      (exit 1)))
