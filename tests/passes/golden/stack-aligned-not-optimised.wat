;; before
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local.set $1
   (global.get $__stack_pointer)
  )
  (local.set $4
   (local.get $1)
  )
  (local.set $2
   (i32.sub
    (local.get $1)
    (i32.const 96)
   )
  )
  (local.set $3
   (i32.and
    (local.get $2)
    (i32.const -64)
   )
  )
  (global.set $__stack_pointer
   (local.get $3)
  )
  (call $use
   (local.get $3)
  )
  (loop $label
   (br_if $label
    (local.tee $0
     (i32.sub
      (local.get $0)
      (i32.const 1)
     )
    )
   )
  )
  (global.set $__stack_pointer
   (local.get $4)
  )
 )
)

;; after
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local.set $1
   (global.get $__stack_pointer)
  )
  (local.set $4
   (local.get $1)
  )
  (local.set $2
   (i32.sub
    (local.get $1)
    (i32.const 96)
   )
  )
  (local.set $3
   (call $port_sp_far
    (i32.and
     (local.get $2)
     (i32.const -64)
    )
   )
  )
  (drop
   (local.get $3)
  )
  (call $use
   (local.get $3)
  )
  (loop $label
   (br_if $label
    (local.tee $0
     (i32.sub
      (local.get $0)
      (i32.const 1)
     )
    )
   )
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $5
      (local.get $4)
     )
     (global.get $port_stack_lo)
    )
    (global.get $port_stack_size)
   )
   (then
    (call $port_stack_shrink
     (local.get $5)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $5)
    )
   )
  )
 )
)

