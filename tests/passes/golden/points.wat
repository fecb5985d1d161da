;; before
(module
 (func $f (param $0 i32)
  (call $__sanitizer_cov_trace_pc)
  (loop $label
   (call $__sanitizer_cov_trace_pc)
   (br_if $label
    (local.get $0)
   )
  )
  (loop $label2
   (loop $label1
    (call $__sanitizer_cov_trace_pc)
    (br_if $label1
     (local.get $0)
    )
   )
   (br_if $label2
    (local.get $0)
   )
  )
  (loop $label3
   (br $label3)
  )
  (unreachable)
 )
 (func $library
  (loop $label
   (br $label)
  )
  (unreachable)
 )
)

;; after
(module
 (func $f (param $0 i32)
  (block $block
   (br_if $block
    (i32.eqz
     (i32.load
      (i32.const 0)
     )
    )
   )
   (br_if $block
    (call $rt_point_counted)
   )
   (call $rt_preempt_point)
  )
  (loop $label
   (block $block1
    (br_if $block1
     (i32.eqz
      (i32.load
       (i32.const 0)
      )
     )
    )
    (br_if $block1
     (call $rt_point_counted)
    )
    (call $rt_preempt_point)
   )
   (br_if $label
    (local.get $0)
   )
  )
  (loop $label2
   (loop $label1
    (block $block2
     (br_if $block2
      (i32.eqz
       (i32.load
        (i32.const 0)
       )
      )
     )
     (br_if $block2
      (call $rt_point_counted)
     )
     (call $rt_preempt_point)
    )
    (br_if $label1
     (local.get $0)
    )
   )
   (br_if $label2
    (local.get $0)
   )
  )
  (loop $label3
   (block $block3
    (br_if $block3
     (i32.eqz
      (i32.load
       (i32.const 0)
      )
     )
    )
    (br_if $block3
     (call $rt_point_counted)
    )
    (call $rt_preempt_point)
   )
   (br $label3)
  )
  (unreachable)
 )
 (func $library
  (loop $label
   (br $label)
  )
  (unreachable)
 )
)

