// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev The least that a payment channel can cost, to measure ours by: never deploy it. It has an event for every change, and
/// nothing else that makes channels safe: no epoch, no thaw, no pinned key, no guard, no reason for a refusal, no fallback
/// for a transfer that fails. Vouchers are packed by hand: payer ‖ uint96 cumulative, r, vs.
contract FloorChannels {
    event Allocated(address indexed payer, address indexed payee, uint128 total);
    event Collected(address indexed payer, address indexed payee, uint128 paid, uint128 collected);

    bytes32 private immutable DOMAIN;
    IERC20 private immutable token;

    mapping(address payer => uint256) private free;
    /// collected ‖ allocated
    mapping(address payee => mapping(address payer => uint256)) private channels;

    constructor(IERC20 token_) {
        token = token_;
        DOMAIN = keccak256(abi.encode(block.chainid, address(this)));
    }

    function deposit(uint256 amount) external {
        free[msg.sender] += amount;
        token.transferFrom(msg.sender, address(this), amount);
    }

    function allocate(address payee, uint128 total) external {
        uint256 channel = channels[payee][msg.sender];
        free[msg.sender] -= total - uint128(channel);
        channels[payee][msg.sender] = ((channel >> 128) << 128) | total;
        emit Allocated(msg.sender, payee, total);
    }

    function collect(bytes32[3][] calldata vouchers, address payee) external {
        bytes32 domain = DOMAIN;
        mapping(address => uint256) storage ofPayee = channels[payee];
        uint256 sum;
        unchecked {
            for (uint256 i = 0; i < vouchers.length; ++i) {
                bytes32[3] calldata v = vouchers[i];
                address payer = address(bytes20(v[0]));
                uint256 cumulative = uint96(uint256(v[0]));
                address signer = ecrecover(
                    digest(domain, payee, v[0]),
                    uint8(27 + (uint256(v[2]) >> 255)),
                    v[1],
                    (v[2] << 1) >> 1
                );
                uint256 channel = ofPayee[payer];
                if (signer != payer || cumulative > uint128(channel)) continue;
                uint256 paid = cumulative - (channel >> 128);
                sum += paid;
                ofPayee[payer] = uint128(channel) | (cumulative << 128);
                emit Collected(payer, payee, uint128(paid), uint128(cumulative));
            }
        }
        token.transfer(payee, sum);
    }

    function digest(bytes32 domain, address payee, bytes32 voucher) public pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free_ := mload(0x40)
            mstore(free_, domain)
            mstore(add(free_, 0x20), payee)
            mstore(add(free_, 0x40), voucher)
            hash := keccak256(free_, 0x60)
        }
    }

    function domainOf() external view returns (bytes32) {
        return DOMAIN;
    }
}
