// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Operators and their stake
/// @notice An operator has three keys: `owner` holds the stake, `node` runs the service and is the peer id's key, `payee`
/// is where income goes. Stake leaves only through a thaw; stake that thaws no longer counts.
interface IOperatorStaking {
    /// @param owner who created the operator, and the only one who may thaw, withdraw and change keys
    /// @param node address of the key behind the node's peer id
    /// @param payee where vouchers and fees of this operator are paid
    /// @param staked what counts as stake, in the token's smallest unit
    /// @param thawing what is on its way out
    /// @param thawedAt unix seconds from which `thawing` can be withdrawn; 0 if nothing thaws
    struct Operator {
        address owner;
        uint40 thawedAt;
        address node;
        address payee;
        uint128 staked;
        uint128 thawing;
    }

    event OperatorCreated(uint32 indexed id, address indexed owner, address indexed node, address payee);
    event KeysSet(uint32 indexed id, address indexed node, address payee);
    event NodeBound(address indexed node, uint32 indexed id);
    event Staked(uint32 indexed id, address indexed from, uint128 amount, uint128 staked);
    event Thawing(uint32 indexed id, uint128 amount, uint128 staked, uint128 thawing, uint40 thawedAt);
    event StakeWithdrawn(uint32 indexed id, address indexed owner, uint128 amount);

    error UnknownOperator(uint32 id);
    error NotOwner(uint32 id, address caller);
    error NotNode(uint32 id, address caller);
    error ZeroAmount();
    error InsufficientStake(uint32 id, uint128 wanted, uint128 staked);
    error NothingThawing(uint32 id);
    error StillThawing(uint32 id, uint40 thawedAt);

    /// @notice Creates an operator owned by the caller. Ids count from 1. Names a node without asking it: until that node
    /// says otherwise with `bindNode`, the first operator that named it is its operator.
    function createOperator(address node, address payee) external returns (uint32 id);

    /// @notice Adds `amount` to the stake of `id`, paid by the caller, whoever that is.
    function stake(uint32 id, uint128 amount) external;

    /// @notice Owner only: starts moving `amount` out. Whatever already thaws starts again and waits with it.
    function thaw(uint32 id, uint128 amount) external;

    /// @notice Owner only: pays the owner what has thawed.
    function withdraw(uint32 id) external returns (uint128 amount);

    /// @notice Owner only: replaces the node and payee keys; stake and id stay.
    function setKeys(uint32 id, address node, address payee) external;

    /// @notice The node key itself chooses, among the operators that name it, the one it works for.
    function bindNode(uint32 id) external;

    /// @notice All fields of `id`; zeros if there is none.
    function operator(uint32 id) external view returns (Operator memory);

    /// @notice The operator that `node` works for, 0 if none.
    function operatorOf(address node) external view returns (uint32 id);

    /// @notice The address that gets the income of `id`; zero if there is no such operator.
    function payeeOf(uint32 id) external view returns (address);

    /// @notice How many operators were created; the newest has this id.
    function operatorCount() external view returns (uint32);

    /// @notice Stake below which an operator can't announce services, in the token's smallest unit.
    function minimumStake() external view returns (uint128);

    /// @notice Seconds between `thaw` and `withdraw`.
    function thawSeconds() external view returns (uint40);

    function incomeOf(uint32 id) external view returns (address payee, uint128 credit, uint40 goodSince);

    function drawIncome(uint32 id, uint128 amount) external;
}
